"""A desk's own figures: from its workbooks into a book, and the workbook it can fill in.

template   the workbook to fill in, and the review sheet of names
sheets     which sheet of a file says what; its rows as names, numbers and units
heads      heads that are nearly known, and titles that may say units: questions
units      units and words that desks write
rows       the rows of a sheet that count: totals, notes, names, amounts, days
add        each kind of sheet applied to a book
periods    months, quarters and years as they are written
"""

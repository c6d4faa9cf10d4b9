"""A desk's own figures: from its workbooks into a book, and the workbook it can fill in.

template   the workbook to fill in, and the review sheet of names
sheets     which sheet of a file says what; its rows as names, numbers and units
tables     the tables of a sheet, below each other and side by side
roles      what heads mean, and what each kind of sheet needs
about      the region or sector that a title or a sheet's name says for all rows
heads      heads that are nearly known, and titles that may say units: questions
words      words that desks write for fuels, carriers, ways and indicators
amounts    figures about several nodes, shared between them
rows       the rows of a sheet that count: totals, notes, names, amounts, days
add        each kind of sheet applied to a book
periods    months, quarters and years as they are written
years      figures of several years, months where a year is meant
"""

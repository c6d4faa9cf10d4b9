"""Files and their cells, read without trusting them.

files      any spreadsheet or text as sheets of cells, with findings; kinds by their first bytes
excel      spreadsheets, read whole; reach: how far their cells reach, before anything is read
encoded    columns of Arrow as words
labels     cells as codes and names
cells      cells as numbers; values: columns of Arrow as numbers; decimals: what a comma means in them
units      units of people, time, energy and goods, as offices write them
words      words for heads that mean the same in every table
said       what the words around a table say of its unit; stated: what columns say of year and unit
wide       rows that are wider than their heads
"""

"""One classification into another: sectors or regions joined and split.

concord   a concordance read, held against the book, and applied to its flows
facts     what it does to stocks, staff, energy, corridors and ranges
"""

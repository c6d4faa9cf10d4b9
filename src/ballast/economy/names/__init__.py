"""What things are called, and what a word may mean.

matcher     a word against the names of regions, sectors, nodes: exact, or proposals
nodes       the nodes of a book by id, by name, or by region and sector
countries   countries by code and name in both languages
china       the provinces of China and the sectors of its tables
"""

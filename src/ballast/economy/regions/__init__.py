"""From a national table to one of its regions.

facts       a folder of regional facts as people have them: shares, totals, distances
layout      which cells of a desk's sheet are the amounts, and of what
sums        regions that are sums of others, and how sure that is
distances   kilometres between regions, as a list or a square
fitting     matrices scaled to their margins (RAS and kin)
quotients   trade by location quotients
trade       who supplies whom: gravity, and markets of each product
tables      the inter-regional table, with what was assumed at each step
"""

"""Read a book: who is in it, who sells what to whom, and what its figures rest on."""

import ballast

economy = ballast.load_book("teaching")
print(economy)

nodes = economy.to_pandas()  # one row a node; its units stand in nodes.attrs["units"]
print(nodes[["output", "value_added", "exports"]].groupby(nodes.region).sum().to_string())

links = economy.to_pandas("links")
print(links.nlargest(3, "value").to_string(index=False))

inputs = economy.to_xarray().inputs_home  # product x node
print(inputs.sel(node="C.parts").to_series().round(1).to_string())

economy.plot.map().save("regions.svg")
economy.plot.chain("North, Vehicles").save("chain.html")

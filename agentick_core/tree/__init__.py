"""Who speaks: nodes, components, fibers, and how a render becomes the next tree."""

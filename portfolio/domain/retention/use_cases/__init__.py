"""Computing the clocks, holding, asking, answering, erasing."""

"""Pure rules of candidacies."""

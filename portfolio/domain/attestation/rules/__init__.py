"""Pure rules of attestations by third parties."""

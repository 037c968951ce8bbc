"""The pages of attestations: those of the candidate and of readers, and those of the third party."""

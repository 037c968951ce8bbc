"""The advisor's marks on coverage, and the conversation about them."""

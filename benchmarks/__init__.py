"""What the product costs, each measure beside a reference taken in the same run: `make bench`."""

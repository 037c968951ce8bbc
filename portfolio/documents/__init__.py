"""Documents: values become PDF files by Typst."""

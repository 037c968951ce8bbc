"""« Données »: what will go and when, what holds a dossier, what people ask."""

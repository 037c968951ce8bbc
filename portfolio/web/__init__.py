"""HTTP matters that know nothing of VAE: headers, errors, forms, guards."""

"""Commands of `flask`: one module a subject."""

"""The product in a browser: translation between HTTP and the engine; no rule of the business lives here."""

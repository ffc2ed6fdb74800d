"""What may a person or a script ask and do? Every command and query, with rights and audit."""

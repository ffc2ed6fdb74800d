"""How do others' files come in and go out? Bytes in; facts and refusals out."""

"""Lines that stay because of what is around them: bound to others, quoted, or parts of sentences."""

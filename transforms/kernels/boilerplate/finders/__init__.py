"""Finders of what sites put around texts, one kind a module: share blocks, menus, sections, titles, archives."""

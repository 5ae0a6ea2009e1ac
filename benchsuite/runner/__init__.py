"""The parent's side: which job comes next, and the fresh interpreters that fork its workers."""

"""Coverage-guided fuzzing with atheris: ``make fuzz``; never collected by pytest."""

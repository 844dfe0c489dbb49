"""What only looks: explanations, reports, profiles, memory: of programs and their components, never of handles."""

"""What only looks: explanations, reports, profiles, memory: of programs and what their parts are, never of handles."""

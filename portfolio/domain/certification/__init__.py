"""A certification as the register describes it: versions, blocks, competencies, the rule of its jury."""

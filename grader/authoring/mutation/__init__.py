"""Mutation testing of exercises: small mistakes made by rule, each of which some criterion must find."""

from grader.authoring.mutation.mutants import Mutant, MutantKey, mutants_of, put_into

__all__ = ["Mutant", "MutantKey", "mutants_of", "put_into"]

"""The sample company: Fernhill Software, made from a seed and written as the files that a CRM would export."""

from kpidesk.sample.generate import SampleFile, generate

__all__ = ["SampleFile", "generate"]

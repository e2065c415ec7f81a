"""Milvus: the vectors of all published videos, copied from the catalogue and copied again whenever they are lost."""

"""LangChain's own suites over our parts; nothing overridden, nothing skipped by us."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests

from core.retrieval.langchain import TriviumEmbeddings, TriviumRetriever, TriviumVectorStore
from core.testing.fakes import LetterEncoder


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return TriviumEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "bundled"}


@pytest.mark.integration
class TestEmbeddingsWithRealWeights(EmbeddingsIntegrationTests):
    @pytest.fixture(autouse=True)
    def _converted_once(self, warm_home: Path) -> None:
        self.home = warm_home

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return TriviumEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "bundled", "home": self.home}


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> Iterator[VectorStore]:  # type: ignore[override]
        store = TriviumVectorStore.open("standard", self.get_embeddings(), tmp_path)
        yield store
        store.collection.home.database.close()


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _collection(self, tmp_path: Path) -> Iterator[None]:
        store = TriviumVectorStore.open("standard", TriviumEmbeddings(LetterEncoder()), tmp_path)
        store.add_texts(["cats purr", "bonds yield", "cards freeze", "parcels travel"])
        self.store = store
        yield
        store.collection.home.database.close()

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return TriviumRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"collection": self.store.collection}

    @property
    def retriever_query_example(self) -> str:
        return "how do cats sound?"

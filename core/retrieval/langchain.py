"""The index as LangChain's parts: Embeddings, VectorStore and Retriever. Nothing in core imports this room."""

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance
from pydantic import ConfigDict, Field

from core.backend.encoder import Encoder, Floats
from core.clock import system_clock
from core.database import Base, Database
from core.retrieval.collections import Collection, Collections
from core.retrieval.documents import Document, Hit, Passage
from core.settings import read_settings


class TriviumEmbeddings(Embeddings):
    """The shared Transformer as LangChain embeddings. Opens the weights at the first text.

    settings: any of core.settings.Settings, by name;  encoder: one that is open already
    """

    def __init__(self, encoder: Encoder | None = None, **settings: Any) -> None:
        self._encoder = encoder
        self._settings = read_settings(**settings)

    @property
    def encoder(self) -> Encoder:
        """The encoder behind it."""
        if self._encoder is None:
            from core.backend.open import open_encoder

            self._encoder = open_encoder(self._settings)
        return self._encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """returns: one unit vector a text"""
        return [[float(x) for x in row] for row in self.encoder.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """returns: a unit vector"""
        return self.embed_documents([text])[0]


class EmbeddingsEncoder:
    """Any LangChain embeddings as an Encoder. Vectors are brought to unit length, as the index ranks by cosine."""

    def __init__(self, embeddings: Embeddings, fingerprint: str) -> None:
        self.embeddings = embeddings
        self.fingerprint = fingerprint
        self.dim = len(embeddings.embed_query("dimension"))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """returns: words of each text; LangChain embeddings do not tell their tokens"""
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, d), unit rows"""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        rows = np.asarray(self.embeddings.embed_documents(list(texts)), dtype=np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)  # type: ignore[no-any-return]


class TriviumVectorStore(VectorStore):
    """A collection as a LangChain vector store: exact cosine search, filters inside the search, crash-safe.

    Filters are written as in core.retrieval.filters, or short as {"field": value}.
    """

    def __init__(self, collection: Collection, embedding: Embeddings) -> None:
        self.collection = collection
        self.embedding = embedding

    @classmethod
    def open(cls, name: str, embedding: Embeddings, home: Path, database_url: str = "") -> Self:
        """A store of its own under `home`, made when it is missing (SQLite there, unless a URL is given)."""
        from core.retrieval import tables

        database = Database(database_url or f"sqlite:///{home / 'vectors.db'}")
        Base.metadata.create_all(database.engine, tables=tables.ALL)
        if isinstance(embedding, TriviumEmbeddings):
            encoder: Encoder = embedding.encoder
        else:
            encoder = EmbeddingsEncoder(embedding, f"langchain:{type(embedding).__name__}")
        return cls(Collections(database, encoder, home, system_clock).ensure(name), embedding)

    @property
    def embeddings(self) -> Embeddings:
        """What the texts are embedded with."""
        return self.embedding

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add or replace texts by id. returns: their ids in order"""
        texts = list(texts)
        given: Sequence[str | None] = ids or [None] * len(texts)
        keys = [key or str(uuid.uuid4()) for key in given]
        rows = zip(keys, texts, metadatas or [{}] * len(texts), strict=True)
        documents = {key: _document(key, text, metadata) for key, text, metadata in rows}
        self.collection.put(list(documents.values()))
        return keys

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete by id; without ids, everything. Unknown ids are passed over."""
        if ids is None:
            ids = [hit.document for hit in self.collection.passing(None)]
        self.collection.remove(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """Those that exist, in the order of `ids`."""
        return [
            LangChainDocument(id=document.key, page_content=document.text, metadata=dict(document.metadata))
            for document in self.collection.documents(ids)
        ]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        """The `k` closest texts; keyword `filter` restricts the search itself."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self,
        query: str,
        k: int = 4,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  LangChain's name
        **kwargs: Any,
    ) -> list[tuple[LangChainDocument, float]]:
        """The `k` closest texts with their cosines, best first."""
        vector = self.collection.home.encoder.encode([query])[0]
        return [(_langchain(hit), hit.score) for hit in self.collection.nearest(vector, k, where=filter)]

    def similarity_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  LangChain's name
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        """The `k` texts closest to a vector of any length."""
        vector = np.asarray(embedding, dtype=np.float32)
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
        return [_langchain(hit) for hit in self.collection.nearest(vector, k, where=filter)]

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[LangChainDocument]:
        """The `k` of the `fetch_k` closest texts that are close and unlike each other."""
        found = self.similarity_search(query, fetch_k, **kwargs)
        encoder = self.collection.home.encoder
        rows = encoder.encode([query, *(document.page_content for document in found)])
        chosen = maximal_marginal_relevance(rows[0], list(rows[1:]), lambda_mult, k)
        return [found[at] for at in chosen]

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: (1.0 + cosine) / 2.0  # LangChain wants [0, 1]

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        name: str = "langchain",
        home: Path | None = None,
        **kwargs: Any,
    ) -> Self:
        """Open the store `name` under `home` (default TRIVIUM_HOME) and add texts to it."""
        store = cls.open(name, embedding, home or read_settings().home)
        store.add_texts(texts, metadatas, ids=ids)
        return store


class TriviumRetriever(BaseRetriever):
    """A collection as a LangChain retriever: meaning and words fused. `k` may be given again at each call."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    collection: Collection
    k: int = Field(default=4, ge=1)
    where: dict[str, Any] | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[LangChainDocument]:
        return [_langchain(hit) for hit in self.collection.search(query, k or self.k, where=self.where)]


def _document(key: str, text: str, metadata: dict[str, Any]) -> Document:
    passage = Passage(key=key, text=text, start=0, end=len(text))
    return Document(key=key, title="", text=text, metadata=metadata, passages=(passage,), kind="row")


def _langchain(hit: Hit) -> LangChainDocument:
    return LangChainDocument(id=hit.id, page_content=hit.passage.text, metadata=dict(hit.metadata))

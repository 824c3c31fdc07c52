"""How a file is understood: the blocks of its records, the kind of each, its columns, and its style of numbers and dates."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.catalogue import Catalogue, nearest
from segcli.importing import readers
from segcli.importing.kinds.machinery import column_values, float_codes, kind_definition, recognition, styles
from segcli.importing.kinds.machinery.kind_definition import MONEY, ColumnMap
from segcli.importing.kinds.machinery.stage import Options, Stage
from segcli.importing.kinds.machinery.staging import understood
from segcli.importing.layouts import splitting
from segcli.importing.party_matching import PartyMatching
from segcli.importing.readers import Block, Source
from segcli.importing.wishes import Wishes
from segcli.query import lookup

_WITH_ZEROS = ("postcode", "phone", "mobile", "fax")
Sample = Sequence[Sequence[str | None]]  # the first rows of a block


@dataclass(frozen=True, slots=True)
class Understanding:
    """Understands files for one database and the user's wishes. Nothing is written."""

    db: sqlite3.Connection
    wishes: Wishes
    today: str

    @property
    def labels(self) -> Mapping[str, int]:
        """Return the number of each class by its normalised label."""
        return {kind_definition.key_of(label): number for number, label in lookup.catalogue(self.db).labels.items()}

    def refuse_unknown(self, renamed: Mapping[str, str], sources: Sequence[Source]) -> None:
        """Raise UsageError if --map names an unknown column or field."""
        headers = dict.fromkeys(name for source in sources for block in readers.read(source) for name in block.header)
        for column, wanted in renamed.items():
            if column not in headers:
                raise UsageError(f"--map: there is no column '{column}'", nearest(column, headers))
            recognition.refuse_unknown(wanted, self.labels)

    def known(self, source: Source) -> Source:
        """Return the source with what the user and the database say about its columns and its companies."""
        kind = kind_definition.find(self.wishes.kind).name if self.wishes.kind else ""
        parties = PartyMatching(self.db, kind, must_create=self.wishes.must_create)
        return replace(source, parties=parties, is_plain=bool(kind), renamed=self.wishes.renamed, labels=self.labels)

    def blocks(self, source: Source) -> Iterator[Block]:
        """Yield the blocks of a known source."""
        return splitting.read(source)

    def rank(self, source: Source) -> tuple[int, int]:
        """Return the sort key of a file: files with the kinds it may refer to come first."""
        known = replace(self.known(source), parties=None)
        ranks = [self._columns(known, block, sample).kind.rank for block, sample in map(_sampled, self.blocks(known))]
        return min(ranks, default=0), max(ranks, default=0)

    def options(self) -> Options:
        """Return the options for the stages of a file."""
        return Options(
            currency=lookup.currency(self.db),
            today=self.today,
            must_create=self.wishes.must_create,
            match=self.wishes.match,
            account_number=self.wishes.account_number,
            overwrite_classes=self.wishes.overwrite_classes,
            is_dry=self.wishes.dry_run,
        )

    def stage(self, source: Source, block: Block, number: int, options: Options) -> tuple[Stage, Block]:
        """Return the stage of the number-th block of a known source, without rows, and the block, whose first rows were read.

        Raises SegcliError if the block is of no kind, or its currency or its style do not fit.
        """
        block, sample = _sampled(block)
        mapping = self._columns(source, block, sample)
        _refuse_currency(source, block, mapping, options.currency)
        if not block.is_canonical:
            again = partial(_rows_of, source, number)
            style = styles.decide(source.name, again, mapping, self.wishes.decimal, self.wishes.dates)
            options = replace(options, number_format=style)
        _warn_of_zeros(source, block, mapping)
        catalogue: Catalogue = lookup.catalogue(self.db)
        stage = understood(self.db, block, mapping, source.name, options, catalogue, number)
        stage.has_float_codes = float_codes.may_have(mapping, sample)
        return stage, block

    def _columns(self, source: Source, block: Block, sample: Sample) -> ColumnMap:
        """Return the kind of a block and its column map."""
        if block.fields:
            places = {name: at for at, name in enumerate(block.fields)}
            return ColumnMap(kind_definition.find(block.kind or ""), places, ())
        # The field names of a self-describing format never mean the user's labels.
        keyed = {} if block.kind else source.labels
        file = f"{source.name}:{block.name}" if block.name and block.kind is None else source.name
        header = recognition.Header(block.header, file, keyed, self.wishes.renamed, sample)
        wished = "" if block.is_settled else self.wishes.kind
        named = wished or block.kind
        if not named:
            named = _recognised(header, source, block)
        elif not wished and not kind_definition.has(named):
            title = named.replace("_", " ")
            raise SegcliError(
                f"{file}: these are {title} records, which segcli does not take", "see: segcli import --help"
            )
        return recognition.map_columns(kind_definition.find(named), header, is_sure=True)


def _recognised(header: recognition.Header, source: Source, block: Block) -> str:
    """Return the kind of a block. Raises SegcliError; for a sheet or a file among others it says that it can be removed."""
    try:
        return recognition.recognise(header).kind.name
    except SegcliError as error:
        if block.name:
            error.hint += f"; if it holds no records: remove the sheet {block.name}"
        elif source.is_member:
            error.hint += "; if it holds no records: remove it from the archive"
        raise


def _warn_of_zeros(source: Source, block: Block, mapping: ColumnMap) -> None:
    """Warn of codes, postal codes and telephone numbers that a workbook holds as numbers, without leading zeros."""
    if not block.numeric:
        return
    if mapping.header(("account",), block.header).get("account") in block.numeric:
        source.warn("account codes are numbers in this sheet: did Excel drop leading zeros?")
    columns = mapping.header(_WITH_ZEROS, block.header)
    named = ", ".join(column for column in columns.values() if column in block.numeric)
    if named:
        source.warn(f"{named}: there are numbers in this sheet: did Excel drop leading zeros?")


def _refuse_currency(source: Source, block: Block, mapping: ColumnMap, currency: str) -> None:
    """Raise SegcliError if the amounts of a file are kept in another currency than the administration's."""
    has_money = any(f.type in MONEY for f in mapping.kind.fields if f.name in mapping.places)
    if has_money and block.currency not in {"", currency}:
        raise SegcliError(
            f"{source.name} is kept in {block.currency}, this administration in {currency}",
            f"one administration has one currency: segcli --database OTHER init --currency {block.currency}",
        )


def _sampled(block: Block) -> tuple[Block, Sample]:
    """Return a block and its first rows, which stay in it."""
    rows = iter(block.rows)
    first = [] if block.is_canonical or block.fields else list(islice(rows, column_values.SAMPLE))
    return block._replace(rows=chain(first, rows)), column_values.sampled(first)


def _rows_of(source: Source, number: int) -> Iterable[object]:
    """Return the rows of the number-th block, read anew."""
    return next(islice(splitting.read(source), number - 1, None)).rows

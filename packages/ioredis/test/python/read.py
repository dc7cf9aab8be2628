"""Reads one backend as any Python program would: what it prints is for the test. Arguments: port of Redis, id of the backend."""

import json
import sys

import redis

port, backend_id = sys.argv[1:]
client = redis.Redis(port=int(port), decode_responses=True)
document = json.loads(client.get(f"backend:{backend_id}"))
heartbeat = client.get(f"heartbeat:{backend_id}")
seconds, microseconds = client.time()
print(
    json.dumps(
        {
            "document": document,
            "types": [[name, type(value).__name__] for name, value in document.items()],
            "heartbeat_age": seconds + microseconds / 1e6 - float(heartbeat),
            "ids": sorted(key.removeprefix("backend:") for key in client.scan_iter("backend:*")),
        }
    )
)

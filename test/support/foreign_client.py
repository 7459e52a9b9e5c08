"""Makes calls with the published kipu-python, and prints the result of each.

Reads one JSON document from standard input: {"url", "calls": [{"credentials", "version", "method", "args", "flatten"}]}.
Prints a list, one entry per call: {"value": ...} or {"error": <class>, "status": <number>, "answer": <body>}.
The method "sign" makes no call: it returns {"value": <signature>} of a GET, with the request uri and the date as args.
"""

import asyncio
import json
import sys

from kipu import KipuAPIError, KipuClient


async def make(url, call):
    credentials = call["credentials"]
    async with KipuClient(
        access_id=credentials["accessId"],
        secret_key=credentials["secretKey"],
        app_id=credentials["appId"],
        base_url=url,
        version=call.get("version", 3),
    ) as client:
        if call["method"] == "sign":
            return {"value": client.auth.generate_signature("GET", *call["args"])}
        flatten = call.get("flatten", False)
        try:
            value = await getattr(client, call["method"])(*call["args"], flatten=flatten)
        except KipuAPIError as error:
            return {"error": type(error).__name__, "status": error.status_code, "answer": error.response_data}
        return {"value": json.loads(value.to_json(orient="records")) if flatten else value}


async def main():
    asked = json.load(sys.stdin)
    json.dump([await make(asked["url"], call) for call in asked["calls"]], sys.stdout)


asyncio.run(main())

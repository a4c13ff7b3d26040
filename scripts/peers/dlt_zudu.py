"""Loads Zudu's list of calls with dlt into plain Parquet files, for `npm run bench`.

Usage: python3 dlt_zudu.py FOLDER, with the origin in ZUDU_BASE_URL and the credentials in ZUDU_API_KEY and ZUDU_API_SECRET.
Prints one line of JSON: records, CPU seconds of the process, and its peak memory in MiB.
"""
import json
import os
import resource
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
from dlt.sources.rest_api import rest_api_source

PAGE = 50
folder = os.path.abspath(sys.argv[1])

source = rest_api_source({
    "client": {
        "base_url": os.environ["ZUDU_BASE_URL"],
        "headers": {"X-API-KEY": os.environ["ZUDU_API_KEY"], "X-API-SECRET": os.environ["ZUDU_API_SECRET"]},
    },
    "resources": [{
        "name": "calls",
        "primary_key": "id",
        "write_disposition": "append",
        # Without child tables, of which dlt makes fifteen: that is what costs it least.
        "max_table_nesting": 0,
        "endpoint": {
            "path": "api/calls",
            "params": {"limit": PAGE},
            "data_selector": "data.calls",
            "paginator": {
                "type": "page_number",
                "base_page": 0,
                "page_param": "page",
                "total_path": "data.pagination.total_pages",
            },
        },
    }],
})
pipeline = dlt.pipeline(
    pipeline_name="bench",
    pipelines_dir=os.path.join(folder, "state"),
    destination=dlt.destinations.filesystem(bucket_url="file://" + os.path.join(folder, "lake")),
    dataset_name="zudu",
)
pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()

own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({
    "records": pipeline.last_trace.last_normalize_info.row_counts["calls"],
    "cpu": sum(used.ru_utime + used.ru_stime for used in own),
    "rss": max(used.ru_maxrss for used in own) / 1024,
}))

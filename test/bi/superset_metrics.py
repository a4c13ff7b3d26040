"""Computes each metric of the imported datasets by Superset's own query layer. Run by superset.sh."""
from superset.app import create_app

app = create_app()
with app.app_context():
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable
    from superset.utils.core import override_user

    with override_user(security_manager.find_user("admin")):
        datasets = db.session.query(SqlaTable).all()
        metrics = 0
        for dataset in datasets:
            names = [metric.metric_name for metric in dataset.metrics]
            result = dataset.query({"metrics": names, "columns": [], "groupby": [], "filter": [], "is_timeseries": False, "granularity": None,
                                    "from_dttm": None, "to_dttm": None, "extras": {}, "row_limit": 10, "orderby": []})
            assert result.status == "success" and not result.error_message, (dataset.table_name, result.error_message)
            assert all(column.description for column in dataset.columns), dataset.table_name
            metrics += len(names)
        assert len(datasets) > 25, len(datasets)
        print(f"{len(datasets)} datasets, {metrics} metrics")

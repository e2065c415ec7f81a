"""What a site measures, as Prometheus would read it."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.site import Site


async def counted(site: Site, name: str, **labels: str) -> float:
    """The value of one sample; 0 for one that is not there yet."""
    text = (await site.client.get("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())

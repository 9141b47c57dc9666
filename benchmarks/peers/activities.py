"""The tool as an activity."""

from temporalio import activity

from benchmarks.peers import agent

get_weather = activity.defn(agent.get_weather)

"""A plugin of Dask's workers; in a module of its own, since they import it, and start the sooner the less that brings."""

from distributed import WorkerPlugin


class Largest(WorkerPlugin):
    """Notes, on a worker, the largest result and the most that was kept at one time, in bytes."""

    def setup(self, worker):
        self.worker, self.kept, self.one, self.together = worker, {}, 0, 0

    def transition(self, key, start, finish, **kwargs):
        if finish == "memory":
            self.kept[key] = getattr(self.worker.data[key], "nbytes", 0)
            self.one = max(self.one, self.kept[key])
            self.together = max(self.together, sum(self.kept.values()))
        elif start == "memory":
            self.kept.pop(key, None)

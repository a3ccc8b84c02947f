using Orchestrator.Decisions.Artifacts;
using Xunit;

namespace Orchestrator.UnitTests.Artifacts;

/// <summary>What does not match a schema is found however many look at once.</summary>
public sealed class SchemaThreadsTests
{
    [Fact]
    public void An_invalid_document_is_found_by_each_of_many_at_once()
    {
        var missed = 0;

        Parallel.For(
            0,
            2_000,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            _ =>
            {
                if (
                    TextSchemas.CheckPolicy("""{"version":1,"name":"x","lanes":{"a":7}}""").Count
                    == 0
                )
                {
                    Interlocked.Increment(ref missed);
                }
            }
        );

        Assert.Equal(0, missed);
    }
}

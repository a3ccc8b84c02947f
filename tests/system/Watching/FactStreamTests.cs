using System.Globalization;
using Xunit;

namespace Orchestrator.SystemTests.Watching;

/// <summary>The streams of the built silo.</summary>
public sealed class FactStreamTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_stream_with_nothing_to_tell_opens_at_once_and_its_first_words_are_the_next_fact()
    {
        var first = await shared.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"a"}""")
        );
        await first.WaitAsync().WaitAsync(Deadline);
        using var http = shared.Http(shared.Discovery.Token);
        var end = long.Parse(
            (await http.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Split(
                ' ',
                '\n'
            )[1],
            CultureInfo.InvariantCulture
        );

        // Were the headers to wait for the first comment, it would be the first words.
        using var answer = await http.GetAsync(
            new Uri(
                $"/v1/events?after={end.ToString(CultureInfo.InvariantCulture)}",
                UriKind.Relative
            ),
            HttpCompletionOption.ResponseHeadersRead
        );
        await shared.Client.SubmitAsync(SiloProcess.Scripted("""{"do":"say","text":"b"}"""));

        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(
            $"id: {(end + 1).ToString(CultureInfo.InvariantCulture)}",
            await reader.ReadLineAsync().WaitAsync(Deadline)
        );
    }
}

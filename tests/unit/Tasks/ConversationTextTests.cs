using CsCheck;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class ConversationTextTests
{
    [Fact]
    public void Words_cannot_leave_their_fence() =>
        Gen.Char["`\n#a "]
            .Array[0, 60]
            .Select(c => new string(c))
            .Sample(words =>
            {
                var text = ConversationText.Markdown(
                    "t",
                    [
                        new ConversationEntry
                        {
                            Number = 1,
                            Turn = 1,
                            Role = "agent",
                            Text = words,
                        },
                    ]
                );

                var lines = text.Split('\n');
                var open = Array.FindIndex(
                    lines,
                    l => l.EndsWith("`text", StringComparison.Ordinal)
                );
                var fence = lines[open][..^"text".Length];
                var close = Array.FindIndex(lines, open + 1, l => l == fence);
                Assert.Equal(words.TrimEnd('\n'), string.Join('\n', lines[(open + 1)..close]));
                Assert.Equal(["", ""], [.. lines[(close + 1)..], ""]);
            });

    [Fact]
    public void A_heading_says_turn_speaker_door_and_time_and_holds_no_markup() =>
        Assert.Equal(
            "3. turn 2: user mescriptalert1 by telegram, 1970-01-01 00:00:00 UTC",
            ConversationText.Heading(
                new ConversationEntry
                {
                    Number = 3,
                    Turn = 2,
                    Role = "user",
                    Author = "me<script>alert(1)",
                    Channel = "telegram",
                    At = DateTimeOffset.UnixEpoch,
                }
            )
        );
}

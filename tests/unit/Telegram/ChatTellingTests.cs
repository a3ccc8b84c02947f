using System.Globalization;
using System.Text;
using CsCheck;
using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

public sealed class ChatTellingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Parts_fit_are_whole_characters_and_lose_nothing_but_white_space() =>
        Gen.Int[0, 7]
            .Array[0, 600]
            .Sample(units =>
            {
                var text = string.Concat(units.Select(u => "a \n\ud83d\ude00\u200d\u0301*"[u]));
                var parts = ChatSplitter.Split(text, 64);
                Assert.All(parts, p => Assert.InRange(p.Length, 1, 64));
                Assert.All(parts, p => Assert.True(IsWhole(p), p));
                Assert.Equal(Solid(ChatSplitter.Sendable(text)), Solid(string.Concat(parts)));
            });

    [Fact]
    public void D34_A_text_is_cut_at_its_lines_and_never_within_a_character()
    {
        var lines = string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 100));
        Assert.All(ChatSplitter.Split(lines), p => Assert.Equal(0, (p.Length + 1) % 100));
        var family = string.Concat(Enumerable.Repeat("👨‍👩‍👧‍👦", 1_000));
        Assert.All(
            ChatSplitter.Split(family),
            p => Assert.Equal(0, p.Length % "👨‍👩‍👧‍👦".Length)
        );
        Assert.Empty(ChatSplitter.Split(" \n \n"));
        Assert.Equal("a…", ChatSplitter.Cut("a👨‍👩‍👧‍👦", 5));
    }

    [Theory]
    [InlineData("/estop now", "/\u2060estop now")]
    [InlineData("see /commit_all, please", "see /\u2060commit_all, please")]
    [InlineData("src/task/x.cs", "src/task/x.cs")]
    [InlineData("/tasks", "/tasks")]
    public void What_an_agent_printed_is_no_command_and_paths_stay(string said, string shown) =>
        Assert.Equal(shown, ChatSplitter.Foreign(said));

    [Fact]
    public void A_button_carries_its_task_where_it_fits_and_never_more_than_the_host_takes()
    {
        var hash = new string('a', 64);
        var data = ButtonData.Write(ButtonAct.Approve, hash, "task_01jxyz");
        Assert.Equal(
            new ButtonData(ButtonAct.Approve, "aaaaaaaaaaaa", "task_01jxyz"),
            ButtonData.Read(data)
        );
        var big = ButtonData.Write(ButtonAct.Diff, hash, new string('x', 64));
        Assert.InRange(Encoding.UTF8.GetByteCount(big), 1, ButtonData.BytesMax);
        Assert.Equal("", ButtonData.Read(big).Subject);
        foreach (
            var odd in (string[])["", "ok", "ok:zz:t", "ok::../x", "??::t", "ok:AAAAAAAAAAAA:t"]
        )
        {
            Assert.Equal(ButtonAct.Unknown, ButtonData.Read(odd).Act);
        }
    }

    [Fact]
    public void The_pace_keeps_a_second_in_a_chat_and_thirty_a_second_over_all()
    {
        var pace = new ChatPace();
        var now = Noon;
        var sent = new List<(long Chat, DateTimeOffset At)>();
        for (var i = 0; i < 300; i++)
        {
            var chat = Enumerable.Range(1, 40).MinBy(c => pace.FreeAt(c));
            now = pace.FreeAt(chat) > now ? pace.FreeAt(chat) : now;
            pace.Sending(chat, now);
            sent.Add((chat, now));
        }
        Assert.All(
            sent,
            s => Assert.InRange(sent.Count(o => o.At >= s.At && o.At < s.At.AddSeconds(1)), 1, 30)
        );
        Assert.All(
            sent.GroupBy(s => s.Chat),
            g =>
                Assert.All(
                    g.Zip(g.Skip(1)),
                    p => Assert.True(p.Second.At - p.First.At >= TimeSpan.FromSeconds(1))
                )
        );
    }

    [Theory]
    [InlineData(7, 1_050)]
    [InlineData(-7, 3_100)]
    public void The_pace_counts_from_the_end_of_a_slow_call(long chat, int gap)
    {
        var pace = new ChatPace();
        pace.Sending(chat, Noon);
        pace.Sent(chat, Noon.AddSeconds(5));

        Assert.Equal(Noon.AddSeconds(5).AddMilliseconds(gap), pace.FreeAt(chat));
        Assert.True(pace.FreeAt(chat + 1) < Noon.AddSeconds(1));
    }

    [Fact]
    public void A_pause_that_is_asked_for_is_kept_and_an_unreachable_host_is_spared_for_longer_and_longer()
    {
        var pace = new ChatPace();
        pace.Slowed(5, TimeSpan.FromSeconds(30), Noon);
        Assert.Equal(Noon.AddSeconds(30), pace.FreeAt(5));
        Assert.True(pace.FreeAt(6) <= Noon);
        pace.Slowed(6, TimeSpan.FromSeconds(9), Noon);
        pace.Slowed(7, TimeSpan.FromSeconds(9), Noon);
        Assert.Equal(Noon.AddSeconds(9), pace.FreeAt(8));
        pace.Answered();
        Assert.False(pace.IsTroubled);
        var later = Noon.AddSeconds(9);
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            pace.Unreachable(later);
            Assert.Equal(later.AddSeconds(seconds), pace.AllFreeAt);
        }
    }

    [Theory]
    [InlineData("22:00", "07:00", 0, "2026-05-04T12:00", "2026-05-04T12:00")]
    [InlineData("22:00", "07:00", 0, "2026-05-04T23:30", "2026-05-05T07:00")]
    [InlineData("22:00", "07:00", 0, "2026-05-05T06:59", "2026-05-05T07:00")]
    [InlineData("22:00", "07:00", 0, "2026-05-05T07:00", "2026-05-05T07:00")]
    [InlineData("00:00", "00:00", 60, "2026-05-04T12:10", "2026-05-04T13:00")]
    [InlineData("12:30", "14:30", 60, "2026-05-04T12:10", "2026-05-04T14:30")]
    public void Notices_wait_for_the_digest_and_for_the_end_of_the_quiet_hours(
        string from,
        string until,
        int digest,
        string now,
        string due
    )
    {
        var quiet = new QuietHours(
            TimeOnly.Parse(from, CultureInfo.InvariantCulture),
            TimeOnly.Parse(until, CultureInfo.InvariantCulture),
            TimeSpan.FromMinutes(digest)
        );
        Assert.Equal(At(due), quiet.DueOf(At(now), TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData(0, ChatRole.Read, -7, AccessVerdict.Stranger)]
    [InlineData(1, ChatRole.Read, -8, AccessVerdict.ForeignChat)]
    [InlineData(1, ChatRole.Submit, -7, AccessVerdict.RoleTooSmall)]
    [InlineData(3, ChatRole.Operate, -7, AccessVerdict.Granted)]
    [InlineData(2, ChatRole.Submit, 5, AccessVerdict.Granted)]
    public void D23_The_door_is_closed_to_whom_nothing_names(
        int role,
        ChatRole needed,
        long chat,
        AccessVerdict verdict
    ) =>
        Assert.Equal(
            verdict,
            ChatAccess.Judge(new ChatUpdate { Chat = chat, User = 5 }, (ChatRole)role, needed, [-7])
        );

    [Fact]
    public void Who_submits_sees_their_own_and_a_code_is_read_without_case()
    {
        Assert.True(ChatAccess.MaySee(ChatRole.Submit, 5, "telegram:5"));
        Assert.False(ChatAccess.MaySee(ChatRole.Submit, 5, "telegram:6"));
        Assert.False(ChatAccess.MaySee(ChatRole.Submit, 5, "local"));
        Assert.True(ChatAccess.MaySee(ChatRole.Read, 5, "local"));
        var code = ChatAccess.CodeOf([.. Enumerable.Range(0, 10).Select(i => (byte)(i * 25))]);
        Assert.Equal(ChatAccess.CodeLength, code.Length);
        Assert.Equal(ChatAccess.HashOf(code), ChatAccess.HashOf($" {code.ToLowerInvariant()} "));
    }

    [Fact]
    public void A_stored_message_is_read_as_it_was_written()
    {
        var send = new ChatSend
        {
            Text = "ünïcode 👍",
            Buttons =
            [
                [new ChatButton("a", "b")],
            ],
            TaskId = "t",
        };
        var read = ChatSend.Read(send.ToBytes());
        Assert.Equal(("ünïcode 👍", "t", "b"), (read.Text, read.TaskId, read.Buttons[0][0].Data));
        var digest = ChatDigest.Of([send with { Text = "one\ntitle\nmore" }, send]);
        Assert.Equal("2 notices:\none — title\nünïcode 👍", digest.Text);
    }

    private static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        );

    private static string Solid(string text) =>
        string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (
                char.IsHighSurrogate(text[i])
                && i + 1 < text.Length
                && char.IsLowSurrogate(text[i + 1])
            )
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }
        return true;
    }
}

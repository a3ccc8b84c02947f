using Microsoft.Data.Sqlite;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Silo.Storage;

/// <summary>What the Telegram door remembers, on SQLite.</summary>
internal sealed partial class SqliteTelegram(SqliteStore store) : ITelegramStore
{
    /// <inheritdoc />
    public Task<IReadOnlyList<long>> ListChatsDueAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT chat FROM (SELECT CAST(substr(endpoint, 10) AS INTEGER) AS chat, min(due) AS due FROM webhook_out WHERE state = 0 AND due <= $a AND endpoint LIKE 'telegram:%' GROUP BY endpoint UNION ALL SELECT chat, min(due) FROM telegram_card WHERE state = 0 AND wanted <> told AND due <= $a GROUP BY chat) GROUP BY chat ORDER BY min(due)",
            row => row.GetInt64(0),
            cancellationToken,
            ("$a", now.UtcTicks)
        );

    /// <inheritdoc />
    public Task WantCardAsync(
        long chat,
        string card,
        string taskId,
        string text,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            "INSERT INTO telegram_card (chat, card, task_id, message_id, wanted, told, due, state, changed) VALUES ($c, $n, $t, 0, $w, '', $d, 0, $d) ON CONFLICT (chat, card) DO UPDATE SET wanted = excluded.wanted, changed = excluded.changed",
            ["$c", "$n", "$t", "$w", "$d"],
            cancellationToken,
            chat,
            card,
            taskId,
            text,
            due.UtcTicks
        );

    /// <inheritdoc />
    public Task EndCardAsync(
        long chat,
        string card,
        string text,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            "UPDATE telegram_card SET wanted = $w, changed = $d, state = CASE WHEN message_id = 0 AND NOT EXISTS (SELECT 1 FROM telegram_doubt x WHERE x.chat = $c AND x.message = 'card:' || $n) THEN 1 ELSE state END WHERE chat = $c AND card = $n",
            ["$c", "$n", "$w", "$d"],
            cancellationToken,
            chat,
            card,
            text,
            at.UtcTicks
        );

    /// <inheritdoc />
    public async Task<ChatCardRow?> NextCardAsync(
        long chat,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        await QueryAsync(
            "SELECT chat, card, task_id, message_id, wanted, told FROM telegram_card WHERE chat = $c AND state = 0 AND wanted <> told AND due <= $a ORDER BY due LIMIT 1",
            Card,
            cancellationToken,
            ("$c", chat),
            ("$a", now.UtcTicks)
        )
            is [var first, ..]
            ? first
            : null;

    /// <inheritdoc />
    public Task ToldCardAsync(
        ChatCardRow card,
        long messageId,
        DateTimeOffset due,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
            {
                s.Execute(
                    "UPDATE telegram_card SET told = $w, message_id = $m, due = $d WHERE chat = $c AND card = $n",
                    ["$c", "$n", "$w", "$m", "$d"],
                    card.Chat,
                    card.Card,
                    card.Wanted,
                    messageId,
                    due.UtcTicks
                );
                Know(s, card.Chat, messageId, card.TaskId, due.UtcTicks);
                return s.Execute("DELETE FROM telegram_doubt WHERE chat = $c", ["$c"], card.Chat);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task GiveUpCardAsync(long chat, string card, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
            {
                s.Execute(
                    "UPDATE telegram_card SET state = 1 WHERE chat = $c AND card = $n",
                    ["$c", "$n"],
                    chat,
                    card
                );
                return s.Execute("DELETE FROM telegram_doubt WHERE chat = $c", ["$c"], chat);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public Task DoubtAsync(ChatDoubt doubt, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "INSERT INTO telegram_doubt (chat, message, floor) VALUES ($c, $m, $f) ON CONFLICT (chat) DO UPDATE SET message = excluded.message, floor = excluded.floor",
            ["$c", "$m", "$f"],
            cancellationToken,
            doubt.Chat,
            doubt.Message,
            doubt.Floor
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<ChatDoubt>> ListDoubtsAsync(CancellationToken cancellationToken) =>
        QueryAsync(
            "SELECT chat, message, floor FROM telegram_doubt",
            row => new ChatDoubt(row.GetInt64(0), row.GetString(1), row.GetInt64(2)),
            cancellationToken
        );

    /// <inheritdoc />
    public Task ClearDoubtAsync(long chat, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM telegram_doubt WHERE chat = $c", ["$c"], cancellationToken, chat);

    /// <inheritdoc />
    public Task SentAsync(ChatSent sent, CancellationToken cancellationToken) =>
        store.WriteAsync(
            s =>
            {
                foreach (var id in sent.Outbox)
                {
                    s.Execute(
                        "UPDATE webhook_out SET state = 1, tries = tries + 1, status = 200, words = $w, settled = $a WHERE id = $i AND state = 0",
                        ["$i", "$w", "$a"],
                        id,
                        sent.Words,
                        sent.At.UtcTicks
                    );
                }
                Know(s, sent.Chat, sent.MessageId, sent.TaskId, sent.At.UtcTicks);
                return s.Execute("DELETE FROM telegram_doubt WHERE chat = $c", ["$c"], sent.Chat);
            },
            cancellationToken
        );

    /// <inheritdoc />
    public async Task<string?> FindTaskAsync(
        long chat,
        long messageId,
        CancellationToken cancellationToken
    ) =>
        await QueryAsync(
            "SELECT task_id FROM telegram_message WHERE chat = $c AND message_id = $m AND task_id <> ''",
            row => row.GetString(0),
            cancellationToken,
            ("$c", chat),
            ("$m", messageId)
        )
            is [var first, ..]
            ? first
            : null;

    /// <inheritdoc />
    public async Task<long> HighestMessageAsync(long chat, CancellationToken cancellationToken) =>
        (
            await QueryAsync(
                chat <= TelegramNames.OwnCountBelow
                    ? "SELECT coalesce(max(message_id), 0) FROM telegram_message WHERE chat = $c"
                    : "SELECT coalesce(max(message_id), 0) FROM telegram_message WHERE chat > $o AND $c = $c",
                row => row.GetInt64(0),
                cancellationToken,
                ("$c", chat),
                ("$o", TelegramNames.OwnCountBelow)
            )
        )[0];

    /// <inheritdoc />
    public Task FollowAsync(
        string taskId,
        ChatFollower follower,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) =>
        ExecuteAsync(
            "INSERT INTO telegram_follower (task_id, chat, language, at) VALUES ($t, $c, $l, $a) ON CONFLICT DO NOTHING",
            ["$t", "$c", "$l", "$a"],
            cancellationToken,
            taskId,
            follower.Chat,
            follower.Language,
            at.UtcTicks
        );

    /// <inheritdoc />
    public Task<IReadOnlyList<ChatFollower>> ListFollowersAsync(
        string taskId,
        CancellationToken cancellationToken
    ) =>
        QueryAsync(
            "SELECT chat, language FROM telegram_follower WHERE task_id = $t ORDER BY chat",
            row => new ChatFollower(row.GetInt64(0), row.GetString(1)),
            cancellationToken,
            ("$t", taskId)
        );

    /// <inheritdoc />
    public Task TrimAsync(
        DateTimeOffset before,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        store.WriteAsync(
            s =>
            {
                s.Execute("DELETE FROM telegram_message WHERE at < $b", ["$b"], before.UtcTicks);
                s.Execute("DELETE FROM telegram_follower WHERE at < $b", ["$b"], before.UtcTicks);
                s.Execute("DELETE FROM telegram_card WHERE changed < $b", ["$b"], before.UtcTicks);
                return s.Execute(
                    "DELETE FROM telegram_code WHERE expires < $a",
                    ["$a"],
                    now.UtcTicks
                );
            },
            cancellationToken
        );

    private static void Know(SqliteStore s, long chat, long messageId, string taskId, long at)
    {
        if (messageId > 0)
        {
            s.Execute(
                "INSERT INTO telegram_message (chat, message_id, task_id, at) VALUES ($c, $m, $t, $a) ON CONFLICT DO NOTHING",
                ["$c", "$m", "$t", "$a"],
                chat,
                messageId,
                taskId,
                at
            );
        }
    }

    private static ChatCardRow Card(SqliteDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetInt64(3),
            row.GetString(4),
            row.GetString(5)
        );

    private Task<int> ExecuteAsync(
        string sql,
        string[] names,
        CancellationToken cancellationToken,
        params object?[] values
    ) => store.WriteAsync(s => s.Execute(sql, names, values), cancellationToken);

    private Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        CancellationToken cancellationToken,
        params (string Name, object Value)[] values
    ) =>
        store.ReadAsync<IReadOnlyList<T>>(
            connection =>
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
                command.CommandText = sql;
#pragma warning restore CA2100
                foreach (var (name, value) in values)
                {
                    command.Parameters.AddWithValue(name, value);
                }
                var found = new List<T>();
                using var row = command.ExecuteReader();
                while (row.Read())
                {
                    found.Add(read(row));
                }
                return found;
            },
            cancellationToken
        );
}

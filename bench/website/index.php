<?php
// A small page, as a template would make it: some text, a loop, a few variables of the request.
$rows = [];
for ($i = 1; $i <= 20; $i++) {
    $rows[] = sprintf('<li>Loaf %d: %s</li>', $i, htmlspecialchars(str_repeat('rye ', $i % 5)));
}
?>
<!doctype html>
<title>Bakery</title>
<h1>Hello, <?= htmlspecialchars($_SERVER['REMOTE_ADDR']) ?></h1>
<ul><?= implode("\n", $rows) ?></ul>
<p><?= gmdate('c') ?></p>

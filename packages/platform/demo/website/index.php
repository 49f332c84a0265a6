<?php
// The demo's website: says who asks, how, and who answers, as JSON.
header('Content-Type: application/json');
echo json_encode([
    'site' => gethostname(),
    'visitor' => $_SERVER['REMOTE_ADDR'] ?? null,
    'https' => ($_SERVER['HTTPS'] ?? 'off') === 'on',
    'method' => $_SERVER['REQUEST_METHOD'],
    'bytes' => strlen(file_get_contents('php://input')),
    'sha256' => hash('sha256', file_get_contents('php://input')),
]), "\n";
